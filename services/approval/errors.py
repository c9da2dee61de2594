"""Named facts of approval.

CaseNotFound, TaskNotFound 404           also another department's
TaskClosed, TaskClaimedByAnother 409
TaskNotClaimedByYou 409                  claim it first
NotYourPost, GradeTooLow 403
ReviewedByYou 403                        nobody decides what they reviewed
NoDepartment 403                         the token names no department
OutcomeNotOfThisStep 422
StatementMissing 422                     a refusal without reasons and remedies, a return without an opinion
"""

from chassis.problems import Conflict, Forbidden, Invalid, NotFound, Text


class CaseNotFound(NotFound):
    slug = "case-not-found"
    detail = Text("没有这个办件，或它不属于您的部门。", "There is no such case, or it is not your department's.")


class TaskNotFound(NotFound):
    slug = "task-not-found"
    detail = Text("没有这个任务，或它不属于您的部门。", "There is no such task, or it is not your department's.")


class TaskClosed(Conflict):
    slug = "task-closed"
    detail = Text("任务已办结或已取消。", "The task is completed or cancelled.")


class TaskClaimedByAnother(Conflict):
    slug = "task-claimed-by-another"
    detail = Text("任务已由 {claimed_by_name} 领取。", "{claimed_by_name} has claimed the task.")


class TaskNotClaimedByYou(Conflict):
    slug = "task-not-claimed-by-you"
    detail = Text("请先领取任务再办理。", "Claim the task before you complete it.")


class NotYourPost(Forbidden):
    slug = "not-your-post"
    detail = Text("此步骤由岗位 {post} 办理。", "This step belongs to the post {post}.")


class GradeTooLow(Forbidden):
    slug = "grade-too-low"
    detail = Text("此步骤要求审批权限等级 {needed}，您的等级为 {actual}。", "This step needs authority grade {needed}; yours is {actual}.")


class ReviewedByYou(Forbidden):
    slug = "reviewed-by-you"
    detail = Text("您已审查过此办件，决定须由另一人作出。", "You reviewed this case; somebody else must decide it.")


class NoDepartment(Forbidden):
    slug = "no-department"
    detail = Text("您的账号没有所属部门，请联系管理员。", "Your account belongs to no department; ask your administrator.")


class OutcomeNotOfThisStep(Invalid):
    slug = "outcome-not-of-this-step"
    detail = Text("此步骤可选的结果：{allowed}。", "This step can end in: {allowed}.")


class StatementMissing(Invalid):
    slug = "statement-missing"
    detail = Text(
        "不予许可须写明理由和救济途径，退回须写明意见。", "A refusal states its reasons and remedies; a return states an opinion."
    )
