// Package command reads a program's command line into structs: one field a
// command, flag or argument. Tags say the rest.
//
//	cmd:""            the field is a command, or a group of commands
//	arg:""            the field is an argument; a slice takes all that follow
//	name:"json"       its name, where the field's own will not do
//	help:"…"          one line for --help
//	required:""       a flag that must be given; arguments must, unless optional:""
//	default:"5"       the value of a flag that is not given
//	enum:"csv,jsonl"  the only values that are taken
//	placeholder:"N"   how --help shows a flag's value
//	negatable:""      a yes or no that --no-… switches off
//
// A command with a method Help() string adds that text to its --help. Commands
// are found and filled by their fields alone, never by the names of their
// methods: reflection on methods by name makes the linker keep every exported
// method of the program, which were 3.4 MB of this one's.
package command
