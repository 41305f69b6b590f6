"""pypirss, the feed of download counts of 2009, at its old addresses."""
