"""Events: detected once a day is counted, stored for good, told in words."""
