"""What a guide tells people, as sections of plain parts: pages and documents draw them, and decide nothing."""
