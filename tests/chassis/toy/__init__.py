"""A service as small as one can be, standing on the whole chassis: things are made, changed and listed; orders are counted."""
