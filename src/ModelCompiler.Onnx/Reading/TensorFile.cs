using Google.Protobuf;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx.Protos;

namespace ModelCompiler.Onnx;

/// <summary>Reads files of one tensor (<c>TensorProto</c>), the form in which ONNX's test data gives inputs and outputs.</summary>
public static class TensorFile
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="CompilerException">The bytes are no tensor (OM1004).</exception>
    public static Tensor Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        try
        {
            return new TensorReader(new ExternalDataReader(null, null)).Read(TensorProto.Parser.ParseFrom(bytes));
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new CompilerException(DiagnosticTable.ModelInvalid.Id, DiagnosticTable.ModelInvalid.Text(e.Message.TrimEnd('.')), path, e);
        }
    }
}
