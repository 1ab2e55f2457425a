package russian

import "math/bits"

// An endTable finds the number of the reading of words with an end: 150,000 ends of
// up to five letters. It is made when the dictionary is opened and takes two
// megabytes; searching the sorted ends of the file was a third of a guess. Open
// addressing: the end, then the number, in one slot; 0 is a free one.
type endTable []uint64

const endLetters = 5

// endOf is an end as a number: up to endLetters Russian letters of words that begin with formPrefixes[x].
func endOf(x int, letters []byte) uint32 {
	end := uint32(1) // ends of different lengths differ
	for _, c := range letters {
		end = end<<5 | uint32(c&31)
	}
	return end<<2 | uint32(x)
}

func parseEnds(files ...string) (endTable, bool) {
	var list []uint64
	for x, file := range files {
		t, ok := openTable(file)
		if !ok || !t.each(func(key []byte, number int) {
			if isRussian(key) && len(key) <= endLetters {
				list = append(list, uint64(endOf(x, key))<<32|uint64(number))
			}
		}) {
			return nil, false
		}
	}
	table := make(endTable, 1<<bits.Len(uint(len(list)+len(list)/2)))
	for _, slot := range list {
		at := table.at(uint32(slot >> 32))
		for table[at] != 0 {
			at = (at + 1) % len(table)
		}
		table[at] = slot
	}
	return table, true
}

// at is where the search for an end begins.
func (t endTable) at(end uint32) int {
	return int(uint64(end*0x9e3779b1) * uint64(len(t)) >> 32)
}

func (t endTable) find(end uint32) (number int, ok bool) {
	for at := t.at(end); t[at] != 0; at = (at + 1) % len(t) {
		if uint32(t[at]>>32) == end {
			return int(uint32(t[at])), true
		}
	}
	return 0, false
}
