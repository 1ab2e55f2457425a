// The moving map, where a background is configured. The drawn map stands until
// this one is ready, and stays when it cannot be.
const box = document.querySelector("[data-map]");
if (box) {
  const { lib, worker, pmtilesLib, style, pmtiles, lat, lon } = box.dataset;
  try {
    const maplibre = await import(lib);
    maplibre.setWorkerUrl(worker);
    let look = style;
    if (!look && pmtiles) {
      await new Promise((done, fail) => {
        const s = document.createElement("script");
        s.src = pmtilesLib; s.onload = done; s.onerror = fail;
        document.head.append(s);
      });
      const protocol = new window.pmtiles.Protocol();
      maplibre.addProtocol("pmtiles", protocol.tile);
      look = plain("pmtiles://" + new URL(pmtiles, location.href).href);
    }
    const css = document.createElement("link");
    css.rel = "stylesheet"; css.href = box.dataset.css;
    document.head.append(css);
    const holder = document.createElement("div");
    holder.className = "map-moving";
    box.append(holder);
    const at = [Number(lon), Number(lat)];
    const map = new maplibre.Map({ container: holder, style: look, center: at, zoom: 14, attributionControl: { compact: true } });
    map.addControl(new maplibre.NavigationControl({ showCompass: false }));
    new maplibre.Marker({ color: "#b3261e" }).setLngLat(at).addTo(map);
    // Shown once a tile is there: a background that cannot be reached covers nothing.
    map.on("sourcedata", (e) => { if (e.tile) box.classList.add("map-on"); });
  } catch (e) {
    console.warn("map:", e.message);
  }
}

// plain draws the layers that a PMTiles file in the Protomaps schema has.
function plain(url) {
  const fill = (id, layer, color, filter) => ({ id, type: "fill", source: "tiles", "source-layer": layer, paint: { "fill-color": color }, ...(filter ? { filter } : {}) });
  const line = (id, layer, color, width) => ({ id, type: "line", source: "tiles", "source-layer": layer, paint: { "line-color": color, "line-width": width } });
  return {
    version: 8,
    sources: { tiles: { type: "vector", url, attribution: "© OpenStreetMap" } },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": "#f2f0eb" } },
      fill("earth", "earth", "#f7f5f0"), fill("green", "landuse", "#dfead2"), fill("water", "water", "#bcd6ea", ["==", ["geometry-type"], "Polygon"]),
      line("roads-under", "roads", "#c9c4ba", 4), line("roads", "roads", "#ffffff", 2.6), fill("houses", "buildings", "#dcd6cc"), line("borders", "boundaries", "#8a8577", 1),
    ],
  };
}
