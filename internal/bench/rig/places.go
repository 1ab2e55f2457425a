package rig

import (
	"context"
	"fmt"
)

// Places returns the rows of the gazetteer that were added to a store, in the order
// of their ids: two imports of the same files that both ended have the same rows.
func Places(ctx context.Context, path string) (rows []string, err error) {
	db, err := open(path)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	list, err := db.QueryContext(ctx, `SELECT id, region, level, name, type, municipality, settlement, lat, lon, population, zone, aliases FROM place ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer list.Close()
	for list.Next() {
		var id, region, level, name, kind, municipality, settlement, zone, aliases string
		var lat, lon float64
		var people int
		if err := list.Scan(&id, &region, &level, &name, &kind, &municipality, &settlement, &lat, &lon, &people, &zone, &aliases); err != nil {
			return nil, err
		}
		rows = append(rows, fmt.Sprintf("%s|%s|%s|%s|%s|%s|%s|%.7f|%.7f|%d|%s|%s", id, region, level, name, kind, municipality, settlement, lat, lon, people, zone, aliases))
	}
	return rows, list.Err()
}
