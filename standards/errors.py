"""The one family of errors of this package.

StandardViolation (ValueError)
├── InvalidCitizenId         citizen_id
├── InvalidUscc              uscc
├── InvalidItemCode          item_codes
├── InvalidBankCard          bank_card
├── InvalidCertificateId     certificate_id
└── InvalidNote              signed_note
"""


class StandardViolation(ValueError):
    """A text does not meet its standard; `reason` is a stable code to translate, never the text itself."""

    def __init__(self, reason: str, explanation: str) -> None:
        super().__init__(explanation)
        self.reason = reason
        self.explanation = explanation
