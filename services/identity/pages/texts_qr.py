"""What the telephone that scanned a QR code says, in both languages."""

from collections.abc import Mapping

from chassis.context import Language

QR_ASK: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "title": "扫码登录",
        "heading": "要在另一台设备上登录吗？",
        "account": "将以 {name} 的身份登录",
        "to": "应用",
        "on": "设备",
        "from": "网络地址",
        "unknown": "未知设备",
        "warning": "只有当二维码就在您面前、是您自己打开的页面时才同意。如果是别人发来的图片、视频或链接，请选择“不是我”：同意后对方就能以您的名义办事。",
        "agree": "同意登录",
        "decline": "不是我",
    },
    "en": {
        "title": "Sign in by QR code",
        "heading": "Sign in on another device?",
        "account": "It will be signed in as {name}",
        "to": "Application",
        "on": "Device",
        "from": "Network address",
        "unknown": "Unknown device",
        "warning": "Agree only if the code is in front of you, on a page that you opened yourself. If somebody sent it to you as a picture, a video or a "
        "link, choose “Not me”: whoever sent it could act in your name.",
        "agree": "Agree and sign in",
        "decline": "Not me",
    },
}

QR_ANSWERED: Mapping[Language, Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "agreed": {"title": "已同意登录", "heading": "已同意登录", "message": "请回到另一台设备继续。可以在“我的账号”中随时退出它。"},
        "declined": {"title": "已拒绝", "heading": "没有登录", "message": "那台设备没有登录。如果有人请您扫这个码，请不要再扫。"},
        "over": {
            "title": "二维码已失效",
            "heading": "二维码已失效",
            "message": "二维码已使用或已超过 2 分钟。请在另一台设备上换一个新的再扫。",
        },
        "sign_in_first": {
            "title": "请先登录",
            "heading": "请先在手机上登录",
            "message": "这台手机的浏览器还没有登录。请先在手机上登录办事大厅，然后再扫一次二维码。",
        },
    },
    "en": {
        "agreed": {
            "title": "Agreed",
            "heading": "Agreed",
            "message": "Go on at the other device. You can sign it out at any time in your account.",
        },
        "declined": {
            "title": "Declined",
            "heading": "Not signed in",
            "message": "The other device was not signed in. If somebody asked you to scan this code, do not scan another from them.",
        },
        "over": {
            "title": "The code is no longer good",
            "heading": "The code is no longer good",
            "message": "It was used, or is older than 2 minutes. Ask for a new one on the other device and scan that.",
        },
        "sign_in_first": {
            "title": "Sign in first",
            "heading": "Sign in on this telephone first",
            "message": "The browser of this telephone is not signed in. Sign in to the service hall here, then scan the code again.",
        },
    },
}
