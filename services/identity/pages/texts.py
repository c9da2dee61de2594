"""What the pages say, in both languages."""

from collections.abc import Mapping

from chassis.context import Language

FRAME: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "suite": "通办 政务服务",
        "suite_short": "通办",
        "skip": "跳到正文",
        "other_language": "English",
        "large_print": "大字版",
        "normal_print": "标准字号",
    },
    "en": {
        "suite": "Tongban Government Services",
        "suite_short": "Tongban",
        "skip": "Skip to content",
        "other_language": "中文",
        "large_print": "Large print",
        "normal_print": "Normal print",
    },
}

SIGN_IN: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "title": "登录",
        "heading": "登录",
        "for_client": "登录后将返回“{client}”",
        "login": "公民身份号码、手机号或工作账号",
        "password": "密码",
        "submit": "登录",
        "notice": "请确认地址栏中是本市政务服务的网址。工作人员不会向您索要密码。",
        "ways": "登录方式",
        "way_password": "密码",
        "way_code": "短信验证码",
        "way_passkey": "通行密钥",
        "passkey_what": "用本设备或安全密钥的指纹、面容或锁屏密码登录，不需要输入账号和密码。",
        "passkey_use": "使用通行密钥登录",
        "passkey_hint": "还没有通行密钥？用其他方式登录后，在“我的账号”中添加。",
        "passkey_script": "通行密钥需要浏览器启用脚本。请启用脚本，或改用其他登录方式。",
        "passkey_unsupported": "这个浏览器不支持通行密钥，请改用其他登录方式。",
        "passkey_failed": "没有完成。请再试一次，或改用其他登录方式。",
        "way_qr": "扫码",
        "qr_what": "用已登录的手机扫码登录这台设备。",
        "qr_label": "登录二维码",
        "qr_step_1": "用手机上的办事应用或相机扫描二维码。",
        "qr_step_2": "核对手机上显示的应用、设备和网络地址。",
        "qr_step_3": "在手机上选择“同意登录”，本页会自动继续。",
        "qr_life": "二维码 2 分钟内有效，只能使用一次。不要把它发给别人。",
        "qr_look": "已在手机上同意，继续",
        "qr_new": "换一个新的二维码",
        "phone": "手机号",
        "send_code": "发送验证码",
        "code_hint": "验证码只发送到您账号中登记的手机号。",
        "sent": "如果 {phone} 是且仅是一个账号登记的手机号，验证码已经发出，5 分钟内有效。",
        "code": "6 位验证码",
        "not_received": "没有收到？",
        "send_again": "重新发送或更换手机号",
        "fault_phone": "请输入 11 位手机号，例如 13900000000。",
        "fault_wrong_code": "验证码不正确或已失效。请检查后再试；连续输错 5 次后需要重新发送。",
        "fault_wrong_passkey": "这个通行密钥没有登记或已移除。请再试一次，或改用其他登录方式。",
        "fault_qr_declined": "手机上没有同意这次登录。",
        "fault_codes_throttled": "发送次数过多。请约 {minutes} 分钟后再试，或改用其他登录方式。",
        "fault_messages_down": "短信暂时发不出去，请改用其他登录方式，或稍后再试。",
        "organisation_hint": "单位用户：由法定代表人或经办人用本人账号登录，登录后选择代表的单位。",
        "error": "错误：",
        "fault_wrong": "账号或密码不正确，请检查后再试。",
        "fault_throttled": "尝试次数过多。为保护您的账号，请约 {minutes} 分钟后再试。",
        "fault_organisation": "统一社会信用代码没有自己的密码。请由法定代表人或经办人用本人账号登录，登录后选择代表的单位。",
    },
    "en": {
        "title": "Sign in",
        "heading": "Sign in",
        "for_client": "You will return to “{client}” afterwards",
        "login": "Citizen ID number, mobile number or staff login",
        "password": "Password",
        "submit": "Sign in",
        "notice": "Check that the address bar shows your city's service site. No official will ever ask for your password.",
        "ways": "Ways to sign in",
        "way_password": "Password",
        "way_code": "Text message",
        "way_passkey": "Passkey",
        "passkey_what": "Sign in with the fingerprint, face or screen lock of this device or of a security key. There is nothing to type.",
        "passkey_use": "Sign in with a passkey",
        "passkey_hint": "No passkey yet? Sign in another way and add one in your account.",
        "passkey_script": "Passkeys need scripts in the browser. Allow them, or sign in another way.",
        "passkey_unsupported": "This browser knows no passkeys. Sign in another way.",
        "passkey_failed": "That was not finished. Try again, or sign in another way.",
        "way_qr": "QR code",
        "qr_what": "Sign in on this device with a telephone that is signed in.",
        "qr_label": "QR code to sign in",
        "qr_step_1": "Scan the code with the service app or the camera of your telephone.",
        "qr_step_2": "Compare the application, the device and the network address that it shows.",
        "qr_step_3": "Choose “Agree and sign in” there; this page goes on by itself.",
        "qr_life": "The code is good once, for 2 minutes. Do not send it to anybody.",
        "qr_look": "I have agreed on the telephone: go on",
        "qr_new": "A new code",
        "phone": "Mobile number",
        "send_code": "Send a code",
        "code_hint": "A code is only sent to the mobile number that is on record for your account.",
        "sent": "If {phone} is on record for one account, and only one, a code is on its way. It is good for 5 minutes.",
        "code": "6-digit code",
        "not_received": "Nothing has come?",
        "send_again": "Send another, or change the number",
        "fault_phone": "Enter a mobile number of 11 digits, for example 13900000000.",
        "fault_wrong_code": "The code is not right, or no longer good. Check it and try again; after 5 wrong tries you need a new one.",
        "fault_wrong_passkey": "This passkey is not registered here, or was removed. Try again, or sign in another way.",
        "fault_qr_declined": "This sign-in was not agreed to on the telephone.",
        "fault_codes_throttled": "Too many codes were sent. Try again in about {minutes} minutes, or sign in another way.",
        "fault_messages_down": "Text messages cannot be sent just now. Sign in another way, or try again later.",
        "organisation_hint": "For an organisation, its representative or handler signs in with their own account and then chooses whom to act for.",
        "error": "Error: ",
        "fault_wrong": "The login or the password is not right. Check both and try again.",
        "fault_throttled": "Too many attempts. To protect your account, try again in about {minutes} minutes.",
        "fault_organisation": "An organisation's code has no password of its own. Its representative or handler signs in with their own account "
        "and then chooses the organisation to act for.",
    },
}

CONSENT: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "title": "授权",
        "heading": "是否同意授权",
        "account": "您已登录为 {name}",
        "asks": "“{client}”申请：",
        "agree": "同意并继续",
        "decline": "不同意",
        "notice": "不同意不会影响您的账号，您将返回原来的应用。",
    },
    "en": {
        "title": "Consent",
        "heading": "Do you agree?",
        "account": "You are signed in as {name}",
        "asks": "“{client}” asks to:",
        "agree": "Agree and continue",
        "decline": "Do not agree",
        "notice": "Not agreeing does nothing to your account; you return to the application.",
    },
}

DEAD_END: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "title": "无法登录",
        "heading": "这个登录链接不能用",
        "message": "链接中的应用或返回地址没有登记，为了您的安全没有继续。请回到原来的应用重新登录；如果仍然如此，请告诉该应用的管理员。",
    },
    "en": {
        "title": "Cannot sign in",
        "heading": "This sign-in link does not work",
        "message": "The application or the return address in the link is not registered, so we stopped here for your safety. "
        "Go back to the application and sign in again; if it happens again, tell its administrator.",
    },
}

SIGN_OFF: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "title": "退出登录",
        "heading": "要退出登录吗？",
        "message": "退出后，您在所有已登录的政务应用中都会退出。",
        "submit": "退出登录",
    },
    "en": {
        "title": "Sign out",
        "heading": "Sign out?",
        "message": "You will be signed out of every government application you are signed in to.",
        "submit": "Sign out",
    },
}

SIGNED_OFF: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "title": "已退出登录",
        "heading": "您已退出登录",
        "message": "您已从所有政务应用中退出。如果这是公用电脑，请关闭浏览器。",
    },
    "en": {
        "title": "Signed out",
        "heading": "You are signed out",
        "message": "You are signed out of every government application. On a shared computer, close the browser.",
    },
}
