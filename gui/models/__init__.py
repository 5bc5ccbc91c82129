"""What can be known of models for texts, and done with them."""
