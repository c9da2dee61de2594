"""What the account page says, in both languages."""

from collections.abc import Mapping

from chassis.context import Language

METHODS: Mapping[Language, Mapping[str, str]] = {
    "zh": {"pwd": "密码", "otp": "短信验证码", "pop": "通行密钥", "mca": "扫码"},
    "en": {"pwd": "password", "otp": "text message", "pop": "passkey", "mca": "QR code"},
}

ACCOUNT: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "title": "我的账号",
        "heading": "我的账号",
        "error": "错误：",
        "sessions_heading": "已登录的浏览器",
        "since": "{time} 登录",
        "this_browser": "（当前浏览器）",
        "unknown_device": "未知设备",
        "end": "退出登录",
        "passkeys_heading": "通行密钥",
        "passkeys_what": "用指纹、面容或锁屏密码登录，不怕密码被盗。",
        "no_passkeys": "还没有通行密钥。",
        "added": "{time} 添加",
        "used": "最近使用 {time}",
        "remove": "移除",
        "passkey_name": "给这个通行密钥起个名字",
        "passkey_name_hint": "例如“我的手机”，以后便于辨认。",
        "passkey_add": "添加通行密钥",
        "passkey_script": "添加通行密钥需要浏览器启用脚本。",
        "passkey_unsupported": "这个浏览器不支持通行密钥。",
        "passkey_failed": "没有完成，请再试一次。",
        "sign_in_again": "重新登录后添加通行密钥",
        "sign_off": "退出所有应用",
    },
    "en": {
        "title": "Your account",
        "heading": "Your account",
        "error": "Error: ",
        "sessions_heading": "Browsers signed on",
        "since": "since {time}",
        "this_browser": " (this browser)",
        "unknown_device": "Unknown device",
        "end": "Sign out",
        "passkeys_heading": "Passkeys",
        "passkeys_what": "Sign in by fingerprint, face or screen lock; there is no password to steal.",
        "no_passkeys": "You have no passkeys yet.",
        "added": "added {time}",
        "used": "last used {time}",
        "remove": "Remove",
        "passkey_name": "A name for this passkey",
        "passkey_name_hint": "For example “my phone”, to know it again.",
        "passkey_add": "Add a passkey",
        "passkey_script": "Adding a passkey needs scripts in the browser.",
        "passkey_unsupported": "This browser knows no passkeys.",
        "passkey_failed": "That was not finished. Try again.",
        "sign_in_again": "Sign in again to add a passkey",
        "sign_off": "Sign out everywhere in this browser",
    },
}
