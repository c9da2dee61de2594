"""What the library decides without asking anybody: `certificates` (numbers, validity, content), `elements` (what a type demands)."""
