package main

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// headOf packs the first twelve letters of a key into a number that sorts as
// the keys do; behind a sign that is no Russian letter and no hyphen all is one.
func headOf(key []byte) (head uint64) {
	const signs = 36 // the end, signs below the hyphen, the hyphen, other signs, а to я
	open := true
	for i := range 12 {
		head *= signs
		switch {
		case i >= len(key) || !open:
		case key[i] < '-':
			head++
			open = false
		case key[i] == '-':
			head += 2
		case key[i] < 0xe0:
			head += 3
			open = false
		default:
			head += uint64(key[i]-0xe0) + 4
		}
	}
	return head
}

// blockWords is how many words a block of a table holds at most: enough that
// few bytes go into heads, few enough that a block is read in two lines of memory.
const blockWords = 16

// packTable packs sorted keys with a number each for reading in place: blocks
// of words, each word told as its difference to the one before, and the first
// letters of every block to search in.
//
//	uint32    number of blocks, n
//	uint32    bytes of a number: 2, or 3 where numbers are large
//	n times   uint64 the first twelve letters of the first key of a block (see headOf);
//	          uint32 where the block begins, from the end of this list; uint32 0
//	blocks:   the length of the first key, the key, its number;
//	          then for each word a byte (letters dropped from the end of the one
//	          before, times 16, plus letters added), the letters added, the number;
//	          a byte 0 ends the block
//
// A change of more than 15 letters begins a block.
func packTable(keys [][]byte, numbers []int) ([]byte, error) {
	width := 2
	if len(numbers) > 0 && slices.Max(numbers) > 0xffff {
		width = 3
	}
	var heads, body []byte
	count := 0
	var last []byte
	blocks := 0
	for i, key := range keys {
		if numbers[i] > 0xffffff || len(key) > 0xff || len(key) == 0 {
			return nil, fmt.Errorf("the table cannot hold number %d or %d letters", numbers[i], len(key))
		}
		shared := 0
		for shared < min(len(key), len(last)) && key[shared] == last[shared] {
			shared++
		}
		drop, add := len(last)-shared, key[shared:]
		if count%blockWords == 0 || drop > 15 || len(add) > 15 {
			if count > 0 {
				body = append(body, 0)
			}
			heads = binary.LittleEndian.AppendUint64(heads, headOf(key))
			heads = binary.LittleEndian.AppendUint64(heads, uint64(len(body)))
			body = append(append(body, byte(len(key))), key...)
			blocks, count = blocks+1, 0
		} else {
			body = append(append(body, byte(drop<<4|len(add))), add...)
		}
		body = append(body, binary.LittleEndian.AppendUint32(nil, uint32(numbers[i]))[:width]...)
		count++
		last = key
	}
	body = append(body, 0)
	out := binary.LittleEndian.AppendUint32(nil, uint32(blocks))
	out = binary.LittleEndian.AppendUint32(out, uint32(width))
	return append(append(out, heads...), body...), nil
}
