"""What can be wrong with a request to the certificate library, as named facts."""

from chassis.problems import Conflict, Invalid, Malformed, NotFound, Text
from chassis.problems import Forbidden as ForbiddenProblem


class CertificateTypeInvalid(Invalid):
    slug = "certificate-type-invalid"
    title = Text("证照类型有误", "The certificate type is not valid")


class CertificateTypeUnknown(Invalid):
    slug = "certificate-type-unknown"
    detail = Text("证照目录中没有类型 {type_code}，请先登记。", "The directory has no certificate type {type_code}; register it first.")


class CertificateInvalid(Invalid):
    slug = "certificate-invalid"
    title = Text("证照数据有误", "The certificate is not valid")


class CertificateAlreadySupplied(Conflict):
    slug = "certificate-already-supplied"
    detail = Text(
        "证照库中已有这一证照（同类型、同号码、同版本，或同标识）；内容有变请提高版本号。",
        "The library already has this certificate (same type, number and version, or same identifier); raise the version for new content.",
    )


class NotTheIssuer(ForbiddenProblem):
    slug = "not-the-issuer"
    detail = Text("部门系统只能归集本部门签发的证照。", "A department's system supplies certificates of its own department only.")


class PurposeMissing(Invalid):
    slug = "purpose-missing"
    detail = Text("查阅他人证照须写明用途（purpose），持证人会看到。", "Reading somebody's certificate needs a purpose; the holder will see it.")


class CertificateNotFound(NotFound):
    slug = "certificate-not-found"


class IdentifierInvalid(Invalid):
    slug = "certificate-identifier-invalid"
    title = Text("证照标识有误", "The certificate identifier is not valid")


class IdentifierUnknown(NotFound):
    slug = "certificate-identifier-unknown"
    detail = Text(
        "标识本身正确，但本库没有这张证照：可能由其他地区签发，也可能是伪造的。",
        "The identifier is well formed, but this library has no such certificate: another region may have issued it, or it is forged.",
    )


class SignedCertificateUnreadable(Malformed):
    slug = "signed-certificate-unreadable"
    detail = Text("内容不是紧凑格式的 JWS，请提交下载到的完整签名文本。", "This is not a compact JWS; send the complete signed text you downloaded.")
