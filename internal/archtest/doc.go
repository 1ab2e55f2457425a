// Package archtest holds tests about the repository itself: imports point down
// the ranks, every package says what it is for, rules read no clock, the list
// of dependencies is true. It has no code.
package archtest
