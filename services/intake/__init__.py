"""Intake: asking. Applications from draft to acceptance, their materials and files, receipts and public tracking.

Owns: applications, materials, files (and the encrypted file folder), receipts, and copies of item versions and calendar years.
Publishes `tongban.intake.application`: submitted, accepted, refused, withdrawn, concluded, delivered.
Reads `tongban.approval.case` (decided), `tongban.certificates.certificate` (issued), `tongban.catalog.calendar` (loaded).
Calls catalog (the item), identity (who is asking), certificates (materials from the library, with the applicant's own
token) and exchange (inclusion proofs). Called by applicants, windows and anyone who holds a tracking code.
"""
