"""The extension: one action, and the way of pixels to the server and back."""

from __future__ import annotations

from krita import Extension, Krita

try:
    from PyQt6.QtCore import QBuffer, QByteArray
    from PyQt6.QtGui import QImage
    from PyQt6.QtWidgets import QApplication, QInputDialog, QMessageBox, QProgressDialog
except ImportError:  # Krita 5
    from PyQt5.QtCore import QBuffer, QByteArray
    from PyQt5.QtGui import QImage
    from PyQt5.QtWidgets import QApplication, QInputDialog, QMessageBox, QProgressDialog

from .pixwright_client import Server, ServerError, png

TITLE = "Edit by Instruction"
HUNDRED = 100


class PixwrightEdit(Extension):
    """Adds the action to every window."""

    def setup(self):
        """Nothing is prepared."""

    def createActions(self, window):
        """Called by Krita for each window."""
        action = window.createAction("pixwright_edit", TITLE + "...", "tools/scripts")
        action.triggered.connect(self.run)

    def run(self):
        """Ask, edit, and put the result into the document."""
        document = Krita.instance().activeDocument()
        if document is None:
            return
        if document.colorModel() != "RGBA" or document.colorDepth() != "U8":
            _say("This needs an RGB document of 8 bits: Image > Convert Image Color Space.")
            return
        words, wanted = QInputDialog.getText(None, TITLE, "What shall be changed?")
        if not wanted or not words.strip():
            return
        shown = QProgressDialog(TITLE, "Stop", 0, HUNDRED)
        shown.show()

        def watch(what, done):
            shown.setLabelText(what)
            shown.setValue(int(done * HUNDRED))
            QApplication.processEvents()
            return not shown.wasCanceled()

        try:
            answer = Server().edit(_picture(document), words, _selected(document), watch=watch)
        except ServerError as error:
            _say(str(error))
            return
        finally:
            shown.close()
        if answer.picture is not None:
            _put_back(document, answer.picture, words)
        _say("\n".join(answer.lines))


def _say(words):
    QMessageBox.information(None, TITLE, words)


def _picture(document):
    """What is seen, as a PNG. Krita's pixels are BGRA, four bytes each."""
    width, height = document.width(), document.height()
    data = document.pixelData(0, 0, width, height)
    image = QImage(data, width, height, 4 * width, QImage.Format.Format_ARGB32)
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(buffer.data())


def _selected(document):
    """The selection as a grey PNG of the document's size, white where it is selected; None where nothing is."""
    selection = document.selection()
    if selection is None:
        return None
    width, height = document.width(), document.height()
    return png(width, height, bytes(selection.pixelData(0, 0, width, height)))


def _put_back(document, picture, name):
    """The result as a new layer on top; in another size, as a new document."""
    image = QImage.fromData(QByteArray(picture), "PNG").convertToFormat(QImage.Format.Format_ARGB32)
    width, height = image.width(), image.height()
    bits = image.constBits()
    bits.setsize(image.sizeInBytes())
    if (width, height) != (document.width(), document.height()):
        document = Krita.instance().createDocument(
            width, height, name, "RGBA", "U8", document.colorProfile(), document.resolution()
        )
        Krita.instance().activeWindow().addView(document)
    node = document.createNode(name, "paintlayer")
    document.rootNode().addChildNode(node, None)
    node.setPixelData(QByteArray(bytes(bits)), 0, 0, width, height)
    document.refreshProjection()
