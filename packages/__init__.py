"""What is counted, and every reader's figures."""
