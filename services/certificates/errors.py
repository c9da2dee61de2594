"""What can be wrong with a request to the certificate library, as named facts."""

from collections.abc import Iterable

from chassis.problems import Conflict, FieldError, Forbidden, Invalid, Malformed, NotFound, Text
from services.certificates.rules.elements import Fault
from standards.errors import StandardViolation


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


class NotTheIssuer(Forbidden):
    slug = "not-the-issuer"
    detail = Text("部门系统只能归集本部门签发的证照。", "A department's system supplies certificates of its own department only.")


class PurposeMissing(Invalid):
    slug = "purpose-missing"
    detail = Text(
        "查阅他人证照须写明用途（purpose），持证人会看到。", "Reading somebody's certificate needs a purpose; the holder will see it."
    )


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
    detail = Text(
        "内容不是紧凑格式的 JWS，请提交下载到的完整签名文本。", "This is not a compact JWS; send the complete signed text you downloaded."
    )


def field_errors(faults: Iterable[Fault]) -> list[FieldError]:
    """Faults found by the rules, as the `errors[]` of a problem."""
    return [FieldError(fault.pointer, fault.code, Text(_literal(fault.zh), _literal(fault.en))) for fault in faults]


def standard_fault(pointer: str, violation: StandardViolation) -> FieldError:
    """A text that does not meet its public standard, as one of the `errors[]`."""
    zh = _REASONS.get(violation.reason, "不符合标准")
    return FieldError(pointer, violation.reason, Text(zh, violation.explanation))


_REASONS = {
    "length": "长度不对",
    "characters": "含有标准不允许的字符",
    "date": "号码中的出生日期不存在",
    "future_date": "号码中的出生日期尚未到来",
    "check_digit": "校验码不符，号码有误",
    "check_character": "校验码不符：抄写有误，或标识是伪造的",
    "root": "证照标识应以 1.2.156.3005.2 开头",
    "segments": "证照标识应有类型、颁发机构、流水号、版本号和校验码五段",
    "type_code": "证照类型代码应为 21 位数字或大写字母",
    "issuer": "颁发机构代码应为 1 到 36 位数字或大写字母",
    "serial": "流水号应为 1 到 64 位数字或大写字母",
    "version": "版本号应为 001 到 999",
}


def _literal(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
