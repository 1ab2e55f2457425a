// Command otklik is a regional feedback centre in one binary.
package main

func main() {}
