"""What the API takes and answers, told once: for machines and for the manual."""
