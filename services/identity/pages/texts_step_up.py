"""What the page says on which somebody raises their assurance level, in both languages."""

from collections.abc import Mapping

from chassis.context import Language

STEP_UP: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "title": "提升实名等级",
        "heading": "需要更高的实名等级",
        "asks": "“{client}”要办的事需要实名等级 {needed}，您现在是 {actual} 级。",
        "by_number": "将用您登记的姓名和公民身份号码向人口库核验，不需要填写。",
        "by_one_of": "填写下面任意一项即可。填写的内容只用于本次核验，不会保存。",
        "bank_card": "银行卡号",
        "bank_card_hint": "本人名下、银行预留手机号与您登记的手机号一致的银行卡。",
        "liveness_reference": "人脸核验编号",
        "liveness_reference_hint": "刚刚在人脸核验服务中通过后显示的编号。",
        "verify": "核验并继续",
        "also_at_window": "也可以带身份证到任一政务服务窗口当面核验。",
        "only_at_window": "这个等级不能在网上达到。请带身份证到任一政务服务窗口，当面核验后再办。",
        "go_on": "不提升，以 {actual} 级继续",
        "notice": "不提升不会影响您的账号；需要更高等级的事项届时会再次提示。",
        "error": "错误：",
        "fault_card": "银行卡号有误，应为 13 至 19 位数字，请检查后再试。",
        "fault_liveness": "人脸核验编号有误，请按核验服务显示的原样填写。",
        "fault_nothing": "请至少填写一项，再选择“核验并继续”。",
        "fault_throttled": "核验次数过多，请约 {minutes} 分钟后再试。",
    },
    "en": {
        "title": "Raise your assurance level",
        "heading": "A higher assurance level is needed",
        "asks": "What “{client}” is about needs assurance level {needed}; yours is {actual}.",
        "by_number": "Your name and citizen ID number on record will be checked at the population base. There is nothing to fill in.",
        "by_one_of": "Fill in one of these. It is used for this check and not kept.",
        "bank_card": "Bank card number",
        "bank_card_hint": "Of a card of your own whose bank has the telephone number on record here.",
        "liveness_reference": "Face check number",
        "liveness_reference_hint": "Shown by the face service after a check you have just passed.",
        "verify": "Verify and continue",
        "also_at_window": "You can also be verified in person, with your identity card, at any service window.",
        "only_at_window": "This level cannot be reached online. Go to any service window with your identity card, be verified there, then come back.",
        "go_on": "Continue at level {actual}",
        "notice": "Not raising it does nothing to your account; what needs a higher level will ask again.",
        "error": "Error: ",
        "fault_card": "The card number is not right: 13 to 19 digits. Check it and try again.",
        "fault_liveness": "The face check number is not right. Enter it as the face service shows it.",
        "fault_nothing": "Fill in one of the fields, then choose “Verify and continue”.",
        "fault_throttled": "Too many verifications. Try again in about {minutes} minutes.",
    },
}
