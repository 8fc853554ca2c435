namespace ModelCompiler.Json;

/// <summary>The text is not JSON, or not the JSON that its reader expects; the message says what and where.</summary>
internal sealed class JsonFormatException(string message) : FormatException(message);
