// A text as a QR code, as SVG.
import encodeQR from "qr";

export const draw = (text) => encodeQR(text, "svg", { border: 4 });
