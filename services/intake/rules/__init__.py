"""Pure decisions of intake: what may follow what, which materials are asked, when a matter is due, how it is numbered."""
