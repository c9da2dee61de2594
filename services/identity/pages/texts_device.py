"""What the telephone says to somebody who signs in at a kiosk, in both languages."""

from collections.abc import Mapping

from chassis.context import Language

KIOSK_CODE: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "title": "自助终端登录",
        "heading": "登录自助终端",
        "code": "终端屏幕上的代码",
        "hint": "8 个字母，例如 WDJB-MJHT。大小写均可，中间的短横可以不输。",
        "submit": "下一步",
        "notice": "只输入您面前的终端显示的代码。工作人员不会通过电话、短信或网络请您输入代码。",
        "error": "错误：",
        "fault_over": "没有终端在显示这个代码，或者它已失效。请核对终端屏幕；代码 10 分钟内有效，可以在终端上换一个新的。",
        "fault_throttled": "输入次数过多，请约 {minutes} 分钟后再试。",
    },
    "en": {
        "title": "Sign in at a kiosk",
        "heading": "Sign in at a kiosk",
        "code": "The code on the screen of the kiosk",
        "hint": "8 letters, for example WDJB-MJHT. Capital or small; the dash may be left out.",
        "submit": "Continue",
        "notice": "Only enter a code that the kiosk in front of you shows. No official will ask you for one by telephone, message or on the network.",
        "error": "Error: ",
        "fault_over": "No kiosk shows this code, or it is no longer good. Look at the screen; a code lasts 10 minutes, and the kiosk makes a new one.",
        "fault_throttled": "Too many codes. Try again in about {minutes} minutes.",
    },
}

KIOSK_ASK: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "title": "自助终端登录",
        "heading": "要在这台自助终端上登录吗？",
        "account": "将以 {name} 的身份登录，最长 30 分钟",
        "shows": "终端显示的代码",
        "at": "自助终端",
        "whose": "所属单位",
        "asks": "登录后，终端可以：",
        "warning": "请核对：您就站在这台终端前，屏幕上的代码与上面一致。如果代码或链接是别人发来的，请选择“不是我”：同意后站在终端前的人就能以您的名义办事。",
        "agree": "代码一致，同意登录",
        "decline": "不是我",
    },
    "en": {
        "title": "Sign in at a kiosk",
        "heading": "Sign in at this kiosk?",
        "account": "It will be signed in as {name}, for 30 minutes at most",
        "shows": "The kiosk shows",
        "at": "Kiosk",
        "whose": "Belongs to",
        "asks": "Signed in, the kiosk may:",
        "warning": "Compare: you stand in front of this kiosk, and its screen shows the code above. If somebody sent you the code or a link, choose “Not me”: "
        "whoever stands at the kiosk could act in your name.",
        "agree": "The code is the same: sign in",
        "decline": "Not me",
    },
}

KIOSK_ANSWERED: Mapping[Language, Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "agreed": {
            "title": "已同意登录",
            "heading": "已同意登录",
            "message": "请回到自助终端继续。办完后请在终端上退出；也可以在“我的账号”中随时退出它。",
        },
        "declined": {"title": "已拒绝", "heading": "没有登录", "message": "那台终端没有登录。如果有人请您输入这个代码，请不要再理会。"},
        "not_a_person": {
            "title": "请用本人账号",
            "heading": "请用本人账号登录",
            "message": "自助终端供群众本人使用，工作账号不能登录。请退出工作账号，再用本人账号重新扫码。",
        },
    },
    "en": {
        "agreed": {
            "title": "Agreed",
            "heading": "Agreed",
            "message": "Go on at the kiosk. Sign out there when you have finished; you can also sign it out in your account at any time.",
        },
        "declined": {
            "title": "Declined",
            "heading": "Not signed in",
            "message": "The kiosk was not signed in. If somebody asked you to enter this code, do not answer them again.",
        },
        "not_a_person": {
            "title": "Use your own account",
            "heading": "Sign in with your own account",
            "message": "Kiosks are for citizens; a staff account cannot sign in at one. Sign it out, then scan the code again with your own account.",
        },
    },
}
