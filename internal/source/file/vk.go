package file

import "io"

func readVK(s *sink, _ io.Reader) error {
	return s.wrong(1, "not read yet", "use csv or jsonl", "этот формат ещё не читается.")
}

func readTelegram(s *sink, r io.Reader) error { return readVK(s, r) }
