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
    "card_length": Text("应为 13 至 19 位数字", "must have 13 to 19 digits"),
    "card_check_digit": Text("校验位不符，请检查是否输错", "does not match its check digit; look for a typing mistake"),
}


def number_fault(pointer: str, reason: str) -> FieldError:
    """A wrong citizen ID number, USCC or card number, by the standard's reason."""
    return FieldError(pointer, reason, _NUMBER_FAULTS[reason])


class CitizenIdInvalid(Invalid):
    slug = "citizen-id-invalid"


class UsccInvalid(Invalid):
    slug = "uscc-invalid"


class IdentityMismatch(Invalid):
    slug = "identity-mismatch"
    title = Text("实名核验未通过", "Identity not confirmed")
    detail = Text("姓名与公民身份号码不一致，请核对后重新填写。", "The name and the citizen ID number do not belong together; check both.")


class BankCardInvalid(Invalid):
    slug = "bank-card-invalid"


class NothingToVerify(Invalid):
    slug = "nothing-to-verify"
    title = Text("没有可提升等级的核验", "Nothing that would raise your level")
    detail = Text(
        "您当前为 {assurance} 级，所填内容不能提升等级；可用的方式见 ways_up（bank-channel 需 bank_card，face-service 需 liveness_reference，"
        "in-person 请到窗口）。",
        "You are at level {assurance} and nothing given here can raise it; see ways_up (bank-channel needs bank_card, face-service needs"
        " liveness_reference, in-person is done at a window).",
    )


class OnlyOneself(Forbidden):
    slug = "only-oneself"
    detail = Text("这件事只能由本人办理，不能由代办人办理。", "Only the person can do this; nobody may do it for them.")


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


class UserCodeOver(Conflict):
    """No kiosk shows this code, or no longer."""

    slug = "user-code-over"
    detail = Text(
        "没有终端在显示这个代码，或者它已使用、已答复或已超过 10 分钟。请核对终端屏幕，或在终端上换一个新的。",
        "No kiosk shows this code, or it was used or answered, or is older than 10 minutes. Look at the screen, or ask for a new one there.",
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


class ParentInvalid(Invalid):
    """The department above is unknown, or the department itself or one below it."""

    slug = "parent-invalid"

    def __init__(self, reason: str) -> None:
        texts = {
            "unknown": Text("没有登记这个上级部门", "is not a registered department"),
            "circle": Text("不能是本部门或其下级部门", "may not be the department itself or one below it"),
            "missing": Text("请写明上级部门：您只能维护本部门及其下级", "is required: you keep your own department and those below it"),
        }
        super().__init__(errors=[FieldError("/parent", reason, texts[reason])])


class OutOfReach(Forbidden):
    slug = "out-of-reach"
    title = Text("不在您的管理范围", "Outside what you administer")
    detail = Text(
        "管理员只能维护本部门、下级部门及本地区的人员，请联系上级管理员办理。",
        "An administrator keeps their own department, those below it and their region; ask the administrator above.",
    )


class OwnRecord(Forbidden):
    slug = "own-record"
    detail = Text(
        "不能更改自己的岗位和职权，请由另一位管理员办理。", "Nobody changes their own posts and authority; ask another administrator."
    )


class PasswordNotYours(Invalid):
    """An administrator who chose a member's password could act as them unseen; a reset is seen by the member."""

    slug = "password-not-yours"

    def __init__(self) -> None:
        text = Text(
            "管理员不能代设密码，请改用重置密码，由本人设定", "is the member's to choose: reset it instead, and hand them the secret"
        )
        super().__init__(errors=[FieldError("/password", "not-yours", text)])


class StaffHasLeft(Conflict):
    slug = "staff-has-left"
    detail = Text("该人员已离岗；确需返岗的，请先办理返岗。", "This member has left; have them return first if that is meant.")


class StaffIsActive(Conflict):
    slug = "staff-is-active"
    detail = Text("该人员在岗，无需办理返岗。", "This member is at work; there is nothing to return from.")


_OVERREACHES = {
    "beyond-own-authority": Text(
        "超出您本人的职权；转来的授权不能再转授", "is beyond your own authority; what was delegated to you stays with you"
    ),
    "not-delegable": Text("管理员岗位不能授权他人行使", "includes the administrator's post, which cannot be delegated"),
    "past": Text("不能早于今天", "may not be before today"),
    "before-start": Text("不能早于开始日期", "may not be before the first day"),
    "too-long": Text("最长一年，到期请重新授权", "is more than a year away; delegate anew then"),
}


class BeyondOwnAuthority(Invalid):
    """`errors` point at each part of the delegation that its delegator may not hand on."""

    slug = "beyond-own-authority"
    title = Text("授权内容有误", "This cannot be delegated")

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        super().__init__(errors=[FieldError(f"/{field}", reason, _OVERREACHES[reason]) for field, reason in faults])


class DelegateUnknown(Invalid):
    slug = "delegate-unknown"

    def __init__(self) -> None:
        text = Text("没有这位在岗人员，或是您本人", "is nobody at work, or is yourself")
        super().__init__(errors=[FieldError("/delegate", "unknown", text)])


class NotConfirmed(Forbidden):
    slug = "not-confirmed"
    title = Text("未能确认本人", "Not confirmed")
    detail = Text(
        "密码不正确。授权须由本人输入登录密码确认。", "The password is wrong. A delegation is confirmed with your own sign-in password."
    )


class DelegationEnded(Conflict):
    slug = "delegation-ended"
    detail = Text("该授权已撤销，无需再次撤销。", "This delegation was revoked already.")


class AdministratorExists(Conflict):
    slug = "administrator-exists"
    detail = Text("已有管理员；请由现有管理员增设。", "There is an administrator already; let them appoint others.")


class SecretRefused(Forbidden):
    slug = "secret-refused"
    title = Text("一次性口令无效", "The one-time secret was refused")
    detail = Text(
        "口令错误、已使用或已过期，请向管理员重新领取。", "The secret is wrong, used or expired; ask an administrator for another."
    )


class ClientExists(Conflict):
    slug = "client-exists"
    detail = Text("该客户端名称已登记或正在申请，请换一个名称。", "This client id is registered or asked for already; choose another.")


class RequestDecided(Conflict):
    slug = "request-decided"
    detail = Text("该申请已办结。", "This request has been decided.")


class OwnRequest(Forbidden):
    slug = "own-request"
    detail = Text("申请人不能审批自己的申请，请由另一位管理员办理。", "Nobody approves their own request; ask another administrator.")


_TERMS = {
    "not-for-this-principal": Text(
        "单位只能委托经办人（handler），个人只能委托代办人（agent）或帮办员（helper）",
        "an organisation appoints handlers, a person an agent or helper",
    ),
    "not-delegable": Text("含有不能委托的权限", "has a scope that cannot be passed on"),
    "exactly-one": Text("个人委托每次只能针对一个事项", "must name exactly one item"),
    "missing": Text("请写明截止时间", "is required"),
    "in-the-past": Text("应晚于现在和开始时间", "must be after now and after the beginning"),
    "too-long": Text(
        "超过这类委托的最长期限（经办人三年，代办人和帮办员六个月）", "is later than this kind may last (handler 3 years, others 6 months)"
    ),
}


class TermsInvalid(Invalid):
    """What a mandate may not say."""

    slug = "mandate-terms-invalid"

    def __init__(self, pointer: str, code: str) -> None:
        super().__init__(errors=[FieldError(pointer, code, _TERMS[code])])


class NotToOneself(Invalid):
    slug = "not-to-oneself"
    detail = Text("不能委托给自己。", "Nobody is appointed to act for themselves.")


class PersonUnknown(Invalid):
    """No account, or not its name: which one is not said."""

    slug = "person-unknown"

    def __init__(self, pointer: str) -> None:
        text = Text("没有姓名和号码都相符的已注册用户", "is nobody with an account under this name and number")
        super().__init__(errors=[FieldError(pointer, "unknown", text)])


class OnlyTheRepresentative(Forbidden):
    slug = "only-the-representative"
    detail = Text("只有法定代表人可以委托或撤销经办人。", "Only the legal representative appoints handlers and ends their mandates.")


class EndedByRecordOnly(Forbidden):
    slug = "ended-by-record-only"
    detail = Text("监护关系依法院或公安记录终止，不能自行撤销。", "A guardianship ends by record of the court or the base, not at will.")


class MandateAlreadyEnded(Conflict):
    slug = "mandate-already-ended"
    detail = Text("该委托已经结束。", "This mandate has ended already.")


class MandateAlreadyRecorded(Conflict):
    slug = "mandate-already-recorded"
    detail = Text("该记录编号的监护关系已登记。", "This record number has been entered for these two already.")


class DeviceRefused(Unauthenticated):
    slug = "device-refused"
    title = Text("设备未通过认证", "The device was refused")
    detail = Text(
        "设备没有登记、已停用或密钥不符，请联系管理员。",
        "The device is not registered, not active, or its secret is wrong; ask an administrator.",
    )


class ClerkNeeded(Forbidden):
    slug = "clerk-needed"
    detail = Text(
        "窗口设备须由本部门的窗口人员登录后使用。",
        "A window's device is used by a clerk of its own department, signed in at a window post.",
    )


_CODE_FAULTS = {
    "unknown": Text("没有这个码，请当事人重新出示。", "There is no such code; ask the person to show a new one."),
    "expired": Text(
        "该码已过期（60 秒有效），请当事人重新出示。", "The code has expired (it is good for 60 seconds); ask the person to show a new one."
    ),
    "replayed": Text(
        "该码已经用过，本次出示已记录并告知本人；请当事人重新出示。",
        "The code was used before; this showing is recorded and told to its owner. Ask the person to show a new one.",
    ),
}


class OneCodeRefused(Invalid):
    """`reason`: unknown, expired or replayed."""

    slug = "one-code-refused"
    title = Text("一码无效", "The one code was refused")

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason, errors=[FieldError("/code", reason, _CODE_FAULTS[reason])])


class VisitOver(Conflict):
    slug = "visit-over"
    detail = Text("本次到访已结束，请当事人重新出示一码。", "This visit is over; ask the person to show a new one code.")


class MessagesUnavailable(Unavailable):
    slug = "messages-unavailable"
    detail = Text("短信暂时发不出去，请稍后再试。", "Text messages cannot be sent now; try again shortly.")


class OneTimeCodeRefused(Invalid):
    """Wrong, too old, used, tried too often, or never sent: which one is not said."""

    slug = "one-time-code-refused"
    title = Text("验证码无效", "The code was refused")
    detail = Text("验证码不正确或已失效，请核对，或重新获取。", "The code is wrong or good no more; check it, or ask for a new one.")
