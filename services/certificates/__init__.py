"""certificates: what was decided, as signed records that anybody can verify.

Owns the directory of certificate types, the certificates, the records of their use and the library's signing keys (tables
`certificate_types`, `certificates`, `certificate_uses`, `number_sequences`, `signing_keys`).
Publishes `tongban.certificates.certificate`; reads `tongban.approval.case` (a granted decision becomes a certificate).
Calls identity for a person's citizen ID number. Called by intake (use, with the applicant's token), the hall and department systems.
"""
