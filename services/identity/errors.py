"""The named facts of the identity service. OAuth errors carry RFC 6749's members beside the problem's."""

from chassis.problems import Conflict, FieldError, Forbidden, Invalid, Malformed, Problem, Text, Unauthenticated, Unavailable
from services.identity.rules.authorization import Fault

_NUMBER_FAULTS = {
    "length": Text("应为 18 位", "must have 18 characters"),
    "characters": Text("含有不允许的字符", "has characters that are not allowed"),
    "date": Text("其中的出生日期不存在", "has a birth date that does not exist"),
    "future_date": Text("其中的出生日期尚未到来", "has a birth date that has not come yet"),
    "check_digit": Text("校验位不符，请检查是否输错", "does not match its check digit; look for a typing mistake"),
    "check_character": Text("校验位不符，请检查是否输错", "does not match its check character; look for a typing mistake"),
}


def number_fault(pointer: str, reason: str) -> FieldError:
    """A wrong citizen ID number or USCC, by the standard's reason."""
    return FieldError(pointer, reason, _NUMBER_FAULTS[reason])


class CitizenIdInvalid(Invalid):
    slug = "citizen-id-invalid"


class UsccInvalid(Invalid):
    slug = "uscc-invalid"


class IdentityMismatch(Invalid):
    slug = "identity-mismatch"
    title = Text("实名核验未通过", "Identity not confirmed")
    detail = Text("姓名与公民身份号码不一致，请核对后重新填写。", "The name and the citizen ID number do not belong together; check both.")


class AccountExists(Conflict):
    slug = "account-exists"
    detail = Text("该公民身份号码已注册，请直接登录。", "This citizen ID number has an account already; sign in instead.")


class OrganisationNotConfirmed(Invalid):
    slug = "organisation-not-confirmed"
    title = Text("单位核验未通过", "Organisation not confirmed")
    detail = Text(
        "法人库中该单位的名称、代码或法定代表人与所填不一致，请核对营业执照。",
        "The legal-person base does not confirm this name, code and legal representative; check the business licence.",
    )


class LegalPersonBaseUnavailable(Unavailable):
    slug = "legal-person-base-unavailable"
    detail = Text("法人库暂时无法核验，请稍后再试。", "The legal-person base cannot be asked just now; try again shortly.")


class OrganisationAlreadyBound(Conflict):
    slug = "organisation-already-bound"
    detail = Text("您已绑定该单位。", "You are bound to this organisation already.")


class DepartmentUnknown(Invalid):
    slug = "department-unknown"

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("/department", "unknown", Text("没有登记这个部门", "is not a registered department"))])


class ClientInvalid(Invalid):
    slug = "client-invalid"


class TooManyAttempts(Problem):
    """429; `seconds` until the next attempt is judged."""

    status = 429
    slug = "too-many-attempts"
    title = Text("尝试次数过多", "Too many attempts")
    detail = Text("尝试次数过多，请在 {seconds} 秒后再试。", "Too many attempts; try again in {seconds} seconds.")

    def __init__(self, seconds: int) -> None:
        super().__init__(headers={"Retry-After": str(seconds)}, seconds=seconds)


class PasskeyRefused(Invalid):
    """The authenticator's answer does not fit a challenge of ours, or was made elsewhere."""

    slug = "passkey-refused"
    title = Text("通行密钥没有登记", "The passkey was not registered")
    detail = Text(
        "设备的回答无效、已使用或已过期（5 分钟），请重新开始添加。",
        "The device's answer is not valid, was used before or is too old (5 minutes); begin again.",
    )


class PasskeyExists(Conflict):
    slug = "passkey-exists"
    detail = Text("这个通行密钥已经登记。", "This passkey is registered already.")


class TooManyPasskeys(Conflict):
    slug = "too-many-passkeys"
    detail = Text("最多登记 {most} 个通行密钥，请先移除不用的。", "At most {most} passkeys; remove one you no longer use first.")


class QrOver(Conflict):
    """No such code, or no longer."""

    slug = "qr-over"
    detail = Text(
        "二维码已使用、已答复或已超过 2 分钟，请在另一台设备上换一个新的。",
        "The code was used or answered, or is older than 2 minutes; ask for a new one on the other device.",
    )


_FOR_PEOPLE = Text("{error_description}", "{error_description}")


class OAuthRefused(Malformed):
    """RFC 6749, 5.2: `error` and `error_description` are members of the problem; plain JSON, as OAuth clients expect."""

    slug = "oauth-refused"
    title = Text("令牌请求被拒绝", "The token request was refused")
    detail = _FOR_PEOPLE

    def __init__(self, fault: Fault) -> None:
        super().__init__(headers={"Content-Type": "application/json"}, error=fault.error, error_description=fault.description)


class ClientRefused(Unauthenticated):
    """The client did not prove who it is."""

    slug = "client-refused"
    title = Text("客户端认证失败", "The client was refused")
    detail = _FOR_PEOPLE

    def __init__(self, description: str) -> None:
        super().__init__(error_description=description)
        self.facts["error"] = "invalid_client"  # not the parent's `error`, which is the Bearer challenge's
        self.headers = {"Content-Type": "application/json", "WWW-Authenticate": 'Basic realm="tongban"'}


class ForeignForm(Forbidden):
    """A page of another site sent the form."""

    slug = "foreign-form"
    detail = Text(
        "这个表单来自其他网站，为了您的安全没有处理。请从本站的页面重新开始。",
        "This form came from another site, so for your safety nothing was done. Start again from a page of this site.",
    )
