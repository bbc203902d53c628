"""What staff entered on phones: what waits for somebody, and labels that do not fit."""
