"""What the screens are made of, one widget a file. They read a desk, and say what happened with messages."""
