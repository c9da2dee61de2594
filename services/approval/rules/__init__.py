"""Pure decisions of approval: the process of a case, who may do a task, the clock."""
