export class MapPicture {
  reach = 2;
  rows = [];

  constructor(Plot, stage) {
    this.layer = stage;
  }

  draw() {}

  destroy() {}
}
