// Package desk is the only door for changes of an incident: authorise, check
// the lifecycle, store the change with its jobs and its line of history in one
// transaction, tell the open pages.
package desk
