"""The catalog's pages: plain HTML that works without scripts, on paper, in large print and for screen readers."""
