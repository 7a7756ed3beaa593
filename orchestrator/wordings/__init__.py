"""What the program says: the facts a wording names, the phrases that say them, the versioned texts and the letter's layout."""
