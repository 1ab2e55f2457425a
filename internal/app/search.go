package app

import (
	"otklik/internal/roster"
	"otklik/internal/source"
	"otklik/internal/source/vk"
)

// searchKind opens searches of VK. They share the day's questions of all tokens.
func (a *App) searchKind(limits *vk.Limits) roster.Connector {
	return roster.Connector{
		Keyed:     true,
		Recognise: vk.SearchLinks{},
		Open: func(s source.Source, reads, _ source.Key) (source.Connection, error) {
			o := a.vkOptions(limits)
			o.Ours = func(owner int64) bool {
				wall, known := a.Roster.Of(vk.SourceID(owner))
				return known && wall.Own
			}
			return vk.OpenSearch(s, reads, o)
		},
	}
}
