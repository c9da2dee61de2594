"""The steps of the journey, in order, with the titles people read, and what a step may say."""

from typing import NamedTuple


class TooLate(Exception):
    """Something that follows by events did not follow in time; the message says what."""


class Fact(NamedTuple):
    """Something a step found or made, for people to see."""

    zh: str
    en: str
    value: str


class Step(NamedTuple):
    """One step: its name in the program, and its title."""

    key: str
    zh: str
    en: str


STEPS = (
    Step("sign_up", "市民注册并实名核验", "a citizen signs up; name and number are verified"),
    Step("sign_in", "登录（OIDC 授权码 + PKCE）", "signs in (OIDC code + PKCE)"),
    Step("act_for_organisation", "绑定单位，代表单位办事", "binds the business and acts for it"),
    Step("subscribe", "部门系统订阅事件", "the department's system subscribes to events"),
    Step("find_item", "搜索“开饭店”，看办事指南", "searches in everyday words, reads the guide"),
    Step("draft", "填报：证照库已有的材料不再要", "drafts: what the library has is not asked"),
    Step("upload", "上传其余材料", "uploads what remains"),
    Step("fill_in_form", "填写申请表", "fills in the form"),
    Step("submit", "提交", "submits"),
    Step("accept", "窗口受理，出具回执", "the window accepts and gives a receipt"),
    Step("review", "审查", "a reviewer reviews"),
    Step("decide", "另一人决定", "another person decides"),
    Step("certificate", "证照签发，任何人可验", "the licence is issued; anyone can verify it"),
    Step("webhooks", "部门系统收到签名推送", "the department's system has received signed webhooks"),
    Step("evidence", "离线验证存证证明", "inclusion proofs verify offline"),
    Step("track", "凭回执码查进度", "progress by the receipt's code"),
    Step("wallet", "证照在卡包里，用证有记录", "the licence is in the wallet, each use on record"),
)
