"""What changes the state of the exchange: one verb a file. The edge opens and ends the transaction."""
