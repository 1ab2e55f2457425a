package russian

// obscene reports whether a key is an obscene word.
func obscene(key []byte) bool { return false }
