"""Guides as documents: the template is a file, the data goes in as JSON, nothing of the data is ever read as markup."""
