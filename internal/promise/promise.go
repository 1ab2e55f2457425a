// Package promise is the vocabulary of dated obligations in replies: the words
// that hold them and what became of them.
//
// Find reads a reply and returns each date and term that it promises something
// by, with the day on which anybody can check it, and those that nobody can
// check (Vague): «в ближайшее время», «после схода снега».
package promise
