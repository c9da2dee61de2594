"""What changes the state of approval: one verb a file. The edge opens and ends the transaction."""
