"""What makes a fact provable. Pure: bytes in, bytes out."""
