using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace ModelCompiler.Tool.Terminal;

/// <summary>
/// The tool's JSON documents: members in camel case, two blanks of indentation. JSON has no infinity, but its grammar allows numbers beyond
/// what a double holds, and readers turn them into infinity: ±∞ is written as ±1e999. A NaN is null.
/// </summary>
internal static class JsonText
{
    // The document goes to a file or a pipe, never into a page.
    private static readonly JsonDocuments Documents = new(new JsonSerializerOptions(JsonDocuments.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>The text of a document, which <see cref="JsonDocuments"/> has to name.</summary>
    public static string Of<T>(T document) => JsonSerializer.Serialize(document, TypeOf<T>()) + "\n";

    /// <exception cref="JsonException">The text is no such document.</exception>
    public static T? Read<T>(string text) => JsonSerializer.Deserialize(text, TypeOf<T>());

    private static JsonTypeInfo<T> TypeOf<T>() =>
        (JsonTypeInfo<T>)(Documents.GetTypeInfo(typeof(T)) ?? throw new InvalidOperationException($"{nameof(JsonDocuments)} does not name {typeof(T)}."));

    internal sealed class DoubleConverter : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsNaN(value)) writer.WriteNullValue();
            else if (double.IsInfinity(value)) writer.WriteRawValue(value > 0 ? "1e999" : "-1e999");
            else writer.WriteNumberValue(value);
        }
    }
}
