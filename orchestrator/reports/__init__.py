"""What is told about the whole: boards, review packs, and the proof matrix."""
