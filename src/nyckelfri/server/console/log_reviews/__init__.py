"""Log review: samples that are drawn, and what came of looking at them."""
