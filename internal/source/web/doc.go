// Package web reads pages of foreign sites: politely, bounded in size and time,
// and as UTF-8 whatever they are written in.
package web
