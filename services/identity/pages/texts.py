"""What the pages say, in both languages."""

from collections.abc import Mapping

from chassis.context import Language

SIGN_IN: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "title": "登录 · 通办",
        "suite": "通办 政务服务",
        "heading": "登录",
        "for_client": "登录后将返回“{client}”",
        "login": "公民身份号码、手机号或工作账号",
        "password": "密码",
        "submit": "登录",
        "notice": "请确认地址栏中是本市政务服务的网址。工作人员不会向您索要密码。",
        "other_language": "English",
        "fault_wrong": "账号或密码不正确，请检查后再试。",
        "fault_throttled": "尝试次数过多。为保护您的账号，请约 {minutes} 分钟后再试。",
    },
    "en": {
        "title": "Sign in · Tongban",
        "suite": "Tongban Government Services",
        "heading": "Sign in",
        "for_client": "You will return to “{client}” afterwards",
        "login": "Citizen ID number, mobile number or staff login",
        "password": "Password",
        "submit": "Sign in",
        "notice": "Check that the address bar shows your city's service site. No official will ever ask for your password.",
        "other_language": "中文",
        "fault_wrong": "The login or the password is not right. Check both and try again.",
        "fault_throttled": "Too many attempts. To protect your account, try again in about {minutes} minutes.",
    },
}

CONSENT: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "title": "授权 · 通办",
        "suite": "通办 政务服务",
        "heading": "是否同意授权",
        "account": "您已登录为 {name}",
        "asks": "“{client}”申请：",
        "agree": "同意并继续",
        "decline": "不同意",
        "notice": "不同意不会影响您的账号，您将返回原来的应用。",
    },
    "en": {
        "title": "Consent · Tongban",
        "suite": "Tongban Government Services",
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
        "title": "无法登录 · 通办",
        "suite": "通办 政务服务",
        "heading": "这个登录链接不能用",
        "message": "链接中的应用或返回地址没有登记，为了您的安全没有继续。请回到原来的应用重新登录；如果仍然如此，请告诉该应用的管理员。",
    },
    "en": {
        "title": "Cannot sign in · Tongban",
        "suite": "Tongban Government Services",
        "heading": "This sign-in link does not work",
        "message": "The application or the return address in the link is not registered, so we stopped here for your safety. "
        "Go back to the application and sign in again; if it happens again, tell its administrator.",
    },
}

SIGN_OFF: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "title": "退出登录 · 通办",
        "suite": "通办 政务服务",
        "heading": "要退出登录吗？",
        "message": "退出后，您在所有已登录的政务应用中都会退出。",
        "submit": "退出登录",
    },
    "en": {
        "title": "Sign out · Tongban",
        "suite": "Tongban Government Services",
        "heading": "Sign out?",
        "message": "You will be signed out of every government application you are signed in to.",
        "submit": "Sign out",
    },
}

SIGNED_OFF: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "title": "已退出登录 · 通办",
        "suite": "通办 政务服务",
        "heading": "您已退出登录",
        "message": "您已从所有政务应用中退出。如果这是公用电脑，请关闭浏览器。",
    },
    "en": {
        "title": "Signed out · Tongban",
        "suite": "Tongban Government Services",
        "heading": "You are signed out",
        "message": "You are signed out of every government application. On a shared computer, close the browser.",
    },
}
